import { createElement } from 'react';
import type { RowButtonProps } from './row-button-props.ts';

/**
 * Opens a menu for its row. The browser's own button, whose looks are in
 * public/index.html: one stands in every row, and a pressable with an icon in it
 * is a good part of what a row costs while one flings through thousands.
 */
export function RowButton({ glyph, font, label, color, lit, onPress, testID }: RowButtonProps) {
  return createElement(
    'button',
    { type: 'button', 'aria-label': label, 'aria-haspopup': 'menu', onClick: onPress, 'data-testid': testID, 'data-appears': '', style: { color, fontFamily: font, '--lit': lit } },
    glyph,
  );
}
