import { arabic } from './languages/arabic.ts';
import { english } from './languages/english.ts';
import { french } from './languages/french.ts';
import { german } from './languages/german.ts';
import { japanese } from './languages/japanese.ts';
import { spanish } from './languages/spanish.ts';
import { ukrainian } from './languages/ukrainian.ts';

/**
 * What people of one language are called and talk about. A scene is one exchange;
 * each line begins with `<` (who began it) or `>` (who answers), and `{word}`
 * stands for any of the words of that name.
 */
export interface Phrasebook {
  firstNames: readonly string[];
  lastNames: readonly string[];
  words: Readonly<Record<string, readonly string[]>>;
  scenes: readonly (readonly string[])[];
}

/** The more often a language stands here, the more people speak it. */
export const PHRASEBOOKS: readonly Phrasebook[] = [english, english, english, german, german, french, spanish, spanish, ukrainian, japanese, arabic];
