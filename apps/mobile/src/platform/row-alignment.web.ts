import type { TextStyle } from 'react-native';

/** Text at the side where the interface begins, whatever it is written in: "left" would not be mirrored here. */
export const AT_ROW_START = { textAlign: 'start' } as unknown as TextStyle;
