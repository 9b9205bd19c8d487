import { Text as NativeText, type TextStyle, View, type ViewStyle } from 'react-native';
import { avatarColor, initials } from './avatar-color.ts';
import { madeStyles } from './made-styles.ts';
import { PersonPhoto } from './person-photo.tsx';
import { createStyles, useTheme } from './theme.tsx';

export interface AvatarProps {
  userId: string;
  name: string;
  imageUrl?: string | null;
  /** The same picture in more pixels, for a large circle. */
  fullImageUrl?: string | undefined;
  size?: number;
  isOnline?: boolean;
  /** What lies behind it: the dot's ring has that colour. */
  ring?: string;
}

/** Decorative: the name always stands beside it, and presence is told in words where it matters. */
export function Avatar({ userId, name, imageUrl, fullImageUrl, size = 52, isOnline = false, ring }: AvatarProps) {
  const styles = useStyles();
  const { colors } = useTheme();
  const dot = Math.max(10, Math.round(size * 0.24));
  return (
    <View aria-hidden style={squareStyle(size)}>
      <View style={[styles.circle, discStyle({ size, color: avatarColor(userId) })]}>
        {/* Sized with the circle, not with the reader's text. */}
        <NativeText allowFontScaling={false} style={[styles.initials, initialsStyle(size)]}>
          {initials(name)}
        </NativeText>
        {imageUrl ? <PersonPhoto url={imageUrl} fullUrl={fullImageUrl} style={{ position: 'absolute', width: size, height: size }} /> : null}
      </View>
      {isOnline ? (
        <View style={[styles.dot, discStyle({ size: dot, color: colors.online }), ring ? { borderColor: ring } : null]} />
      ) : null}
    </View>
  );
}

const squareStyle = madeStyles<number, ViewStyle>(String, (size) => ({ width: size, height: size }));
const discStyle = madeStyles<{ size: number; color: string }, ViewStyle>(
  ({ size, color }) => `${size} ${color}`,
  // More than half of it: a border outside of the box is round as well.
  ({ size, color }) => ({ width: size, height: size, borderRadius: size, backgroundColor: color }),
);
const initialsStyle = madeStyles<number, TextStyle>(String, (size) => ({ fontSize: Math.round(size * 0.37) }));

const useStyles = createStyles((colors) => ({
  circle: { alignItems: 'center', justifyContent: 'center', overflow: 'hidden' },
  initials: { color: '#FFFFFF', fontWeight: '600', letterSpacing: 0.2 },
  dot: { position: 'absolute', end: 0, bottom: 0, borderWidth: 2, borderColor: colors.background, boxSizing: 'content-box', margin: -2 },
}));
