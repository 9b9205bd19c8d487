import { arabic } from './languages/arabic.ts';
import { english } from './languages/english.ts';
import { french } from './languages/french.ts';
import { german } from './languages/german.ts';
import { japanese } from './languages/japanese.ts';
import { spanish } from './languages/spanish.ts';
import { ukrainian } from './languages/ukrainian.ts';
import type { Phrasebook } from './phrasebook.ts';

/** The more often a language stands here, the more people speak it. */
export const PHRASEBOOKS: readonly Phrasebook[] = [english, english, english, german, german, french, spanish, spanish, ukrainian, japanese, arabic];
