import { useEffect, useState } from 'react';
import { AccessibilityInfo, Animated, Easing, Platform, View } from 'react-native';
import { createStyles } from '../../ui/theme.tsx';

const BEAT_MS = 1_200;

/** Three dots that swell one after another; still where the reader asked for less motion. */
export function TypingDots() {
  const styles = useStyles();
  const [beat] = useState(() => new Animated.Value(0));
  useEffect(() => {
    const loop = Animated.loop(Animated.timing(beat, { toValue: 1, duration: BEAT_MS, easing: Easing.linear, useNativeDriver: Platform.OS !== 'web' }));
    let isGone = false;
    void AccessibilityInfo.isReduceMotionEnabled().then((isReduced) => {
      if (!isReduced && !isGone) loop.start();
    });
    return () => {
      isGone = true;
      loop.stop();
    };
  }, [beat]);
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
