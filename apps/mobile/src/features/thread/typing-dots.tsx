import { useEffect, useState } from 'react';
import { Animated, Easing, Platform, View } from 'react-native';
import { createStyles } from '../../ui/theme.tsx';
import { useReducedMotion } from '../../ui/use-reduced-motion.ts';

const BEAT_MS = 1_200;

/** Three dots that swell one after another; still where the reader asked for less motion. */
export function TypingDots() {
  const styles = useStyles();
  const isStill = useReducedMotion();
  const [beat] = useState(() => new Animated.Value(0));
  useEffect(() => {
    const loop = Animated.loop(Animated.timing(beat, { toValue: 1, duration: BEAT_MS, easing: Easing.linear, useNativeDriver: Platform.OS !== 'web' }));
    if (!isStill) loop.start();
    return () => loop.stop();
  }, [beat, isStill]);
  return (
    <View style={styles.dots}>
      {[0, 1, 2].map((index) => {
        const peak = 0.2 + index * 0.2;
        const opacity = beat.interpolate({ inputRange: [0, peak - 0.15, peak, peak + 0.2, 1], outputRange: [0.4, 0.4, 1, 0.4, 0.4] });
        return <Animated.View key={index} style={[styles.dot, { opacity }]} />;
      })}
    </View>
  );
}

const useStyles = createStyles((colors) => ({
  dots: { flexDirection: 'row', gap: 5 },
  dot: { width: 8, height: 8, borderRadius: 4, backgroundColor: colors.textSecondary },
}));
