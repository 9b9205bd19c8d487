import type { TextStyle } from 'react-native';

/** Text at the side where the interface begins, whatever it is written in; React Native mirrors it by itself. */
export const AT_ROW_START: TextStyle = { textAlign: 'left' };
