import { Text as NativeText, type TextProps as NativeTextProps } from 'react-native';
import { useTheme } from './theme.tsx';
import { type Palette, TYPE, type TypeSize } from './tokens.ts';

export interface TextProps extends NativeTextProps {
  size?: TypeSize;
  weight?: '400' | '500' | '600';
  color?: keyof Palette;
}

export function Text({ size = 'body', weight = '400', color = 'text', style, ...rest }: TextProps) {
  const { colors } = useTheme();
  return <NativeText {...rest} style={[TYPE[size], { fontWeight: weight, color: colors[color] }, style]} />;
}
