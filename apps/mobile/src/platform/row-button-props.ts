/** The button of a row of a long list. */
export interface RowButtonProps {
  /** Of the icon font, and the font's name. */
  glyph: string;
  font: string;
  label: string;
  color: string;
  /** Behind it while the pointer is over it. */
  lit: string;
  onPress: (event: object) => void;
  testID: string;
}
