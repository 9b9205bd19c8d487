import { TYPE_FACTOR } from '../platform/text-scale.ts';

/**
 * Every colour, distance, size and duration of the app. To brand it, change
 * `ACCENTS` (one hue, light and dark) and the name and icon in app.json.
 */

export interface Palette {
  background: string;
  surface: string;
  sunken: string;
  hover: string;
  pressed: string;
  bubbleMine: string;
  bubbleMineText: string;
  bubbleMineFaint: string;
  /** Ticks on it of what was not read yet. */
  bubbleMineTick: string;
  bubbleMineQuote: string;
  bubblePeer: string;
  bubblePeerQuote: string;
  accent: string;
  accentSoft: string;
  /** Text and icons on a filled accent surface. */
  onAccent: string;
  accentFill: string;
  accentFillPressed: string;
  badge: string;
  badgeText: string;
  badgeMuted: string;
  readTick: string;
  text: string;
  textSecondary: string;
  line: string;
  online: string;
  onlineText: string;
  danger: string;
  dangerSoft: string;
  /** On what is light in both appearances. */
  dangerOnLight: string;
  scrim: string;
  shadow: string;
  /** Behind pictures over the whole screen, on pictures, and what is written there: the same in both appearances. */
  mediaGround: string;
  mediaShade: string;
  onMedia: string;
}

const MEDIA = { mediaGround: '#0B090A', mediaShade: 'rgba(11,9,10,0.46)', onMedia: '#FFFFFF' } as const;

const ACCENTS = {
  light: { accent: '#7B2D5E', accentSoft: '#F5E8F0', fill: '#7B2D5E', fillPressed: '#692450', badge: '#7B2D5E', bubble: '#7B2D5E' },
  dark: { accent: '#E2A0C8', accentSoft: '#3A2231', fill: '#8A3A6B', fillPressed: '#9A467A', badge: '#A8457F', bubble: '#8A3A6B' },
} as const;

export const LIGHT: Palette = {
  background: '#FBFAF8',
  surface: '#FFFFFF',
  sunken: '#F4F1EC',
  hover: '#F6F3EF',
  pressed: '#EFEAE4',
  bubbleMine: ACCENTS.light.bubble,
  bubbleMineText: '#FFFFFF',
  bubbleMineFaint: '#E3C9D8',
  bubbleMineTick: '#C9B3C0',
  bubbleMineQuote: 'rgba(255,255,255,0.14)',
  bubblePeer: '#F1EDE7',
  bubblePeerQuote: 'rgba(29,26,23,0.06)',
  accent: ACCENTS.light.accent,
  accentSoft: ACCENTS.light.accentSoft,
  onAccent: '#FFFFFF',
  accentFill: ACCENTS.light.fill,
  accentFillPressed: ACCENTS.light.fillPressed,
  badge: ACCENTS.light.badge,
  badgeText: '#FFFFFF',
  badgeMuted: '#77716A',
  readTick: '#FFA6DA',
  text: '#1D1A17',
  textSecondary: '#6B655D',
  line: '#E9E4DC',
  online: '#2F9E62',
  onlineText: '#1F7A49',
  danger: '#C62828',
  dangerSoft: '#FBEAE8',
  dangerOnLight: '#C62828',
  ...MEDIA,
  scrim: 'rgba(29,26,23,0.38)',
  shadow: 'rgba(60,20,45,0.16)',
};

export const DARK: Palette = {
  background: '#141113',
  surface: '#1C181B',
  sunken: '#231E22',
  hover: '#221D21',
  pressed: '#2B252A',
  bubbleMine: ACCENTS.dark.bubble,
  bubbleMineText: '#FFF7FB',
  bubbleMineFaint: '#E4C4D7',
  bubbleMineTick: '#CFB9C6',
  bubbleMineQuote: 'rgba(255,255,255,0.14)',
  bubblePeer: '#2A2428',
  bubblePeerQuote: 'rgba(255,255,255,0.07)',
  accent: ACCENTS.dark.accent,
  accentSoft: ACCENTS.dark.accentSoft,
  onAccent: '#FFF7FB',
  accentFill: ACCENTS.dark.fill,
  accentFillPressed: ACCENTS.dark.fillPressed,
  badge: ACCENTS.dark.badge,
  badgeText: '#FFFFFF',
  badgeMuted: '#6F656B',
  readTick: '#FFB3E0',
  text: '#F3EEF1',
  textSecondary: '#A59BA1',
  line: '#2C262A',
  online: '#4CC38A',
  onlineText: '#4CC38A',
  danger: '#FF7A70',
  dangerSoft: '#3A211F',
  dangerOnLight: '#C62828',
  ...MEDIA,
  scrim: 'rgba(0,0,0,0.56)',
  shadow: 'rgba(0,0,0,0.5)',
};

export const SPACE = { xs: 4, s: 8, m: 12, l: 16, xl: 24 } as const;
export const RADIUS = { s: 8, m: 12, l: 18, round: 999 } as const;

/**
 * Font size and line height, as drawn; what is shown follows the reader's own
 * size of text. Lines are whole points high: a list can only be put back to the
 * point where it was left if its rows do not end between two.
 */
export function scaledType(fontSize: number, lineHeight: number) {
  return { fontSize: fontSize * TYPE_FACTOR, lineHeight: Math.round(lineHeight * TYPE_FACTOR) };
}

export const TYPE = {
  tiny: scaledType(11, 14),
  caption: scaledType(12, 16),
  small: scaledType(13, 18),
  body: scaledType(15, 20),
  large: scaledType(17, 22),
  title: scaledType(22, 28),
  display: scaledType(28, 34),
} as const;
export type TypeSize = keyof typeof TYPE;

/** Milliseconds. */
export const MOTION = { fast: 120, normal: 160, slow: 200 } as const;

/** The smallest side of anything that can be pressed (WCAG 2.5.5, Apple's guidelines). */
export const TOUCH_TARGET = 44;
/** From this width on the list stands beside the thread. */
export const TWO_PANE_WIDTH = 900;
/** Lines longer than this are hard to follow: the thread's column never grows past it. */
export const THREAD_COLUMN_WIDTH = 780;
