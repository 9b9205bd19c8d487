import { Text as NativeText, type TextProps as NativeTextProps, type TextStyle } from 'react-native';
import { AT_ROW_START } from '../platform/row-alignment.ts';
import { madeStyles } from './made-styles.ts';
import { useTheme } from './theme.tsx';
import { type Palette, TYPE, type TypeSize } from './tokens.ts';

export interface TextProps extends NativeTextProps {
  size?: TypeSize;
  weight?: '400' | '500' | '600';
  color?: keyof Palette;
}

/**
 * Words of the design's sizes and colours. What is cut to a number of lines
 * stands in a row with others and begins where they begin; its own direction
 * (an Arabic name between Latin ones) decides only how it reads.
 */
export function Text({ size = 'body', weight = '400', color = 'text', style, ...rest }: TextProps) {
  const { colors } = useTheme();
  const isInRow = rest.numberOfLines !== undefined;
  return <NativeText {...rest} style={[textStyle({ size, weight, color: colors[color], isInRow }), style]} />;
}

const textStyle = madeStyles<{ size: TypeSize; weight: '400' | '500' | '600'; color: string; isInRow: boolean }, TextStyle>(
  ({ size, weight, color, isInRow }) => `${size} ${weight} ${color} ${isInRow}`,
  ({ size, weight, color, isInRow }) => ({ ...TYPE[size], ...(isInRow ? AT_ROW_START : {}), fontWeight: weight, color }),
);
