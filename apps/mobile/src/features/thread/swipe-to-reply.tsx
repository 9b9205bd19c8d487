import { type ReactNode, type RefObject, useEffect, useRef, useState } from 'react';
import { AccessibilityInfo, Animated, I18nManager, PanResponder, Platform, type StyleProp, View, type ViewStyle } from 'react-native';
import { Icon } from '../../ui/icon.tsx';
import { createStyles } from '../../ui/theme.tsx';
import { MOTION } from '../../ui/tokens.ts';

/** Points a finger moves before it is a swipe, and as many times further along the line as across it: the list scrolls otherwise. */
const SLOP = 10;
const ALONG = 2;
/** Points that it has followed the finger, from which letting go answers the message, and past which it stays. */
const REPLIES_AT = 40;
const MOST = 60;

interface SwipeToReplyProps {
  onReply: (() => void) | null;
  /** Set when the finger that is down rested there and opened the menu: moving on it pulls nothing. */
  hasOpened: RefObject<boolean>;
  style: StyleProp<ViewStyle>;
  children: ReactNode;
}

/** A finger that pulls the bubble along the line answers it; `null` where there is nothing to answer. The menu has the same for those who do not swipe. */
export function SwipeToReply({ onReply, hasOpened, style, children }: SwipeToReplyProps) {
  const styles = useStyles();
  const [offset] = useState(() => new Animated.Value(0));
  const [isPulled, setIsPulled] = useState(false);
  const latest = useRef(onReply);
  useEffect(() => {
    latest.current = onReply;
  }, [onReply]);
  const [responder] = useState(() => {
    const direction = I18nManager.getConstants().isRTL ? -1 : 1;
    const pulled = (dx: number) => Math.max(0, Math.min(dx * direction, MOST));
    const letGo = () => {
      setIsPulled(false);
      void AccessibilityInfo.isReduceMotionEnabled().then((isStill) => {
        Animated.timing(offset, { toValue: 0, duration: isStill ? 0 : MOTION.fast, useNativeDriver: Platform.OS !== 'web' }).start();
      });
    };
    return PanResponder.create({
      onStartShouldSetPanResponderCapture() {
        hasOpened.current = false;
        return false;
      },
      onMoveShouldSetPanResponder: (_, { dx, dy }) => latest.current !== null && !hasOpened.current && dx * direction > SLOP && Math.abs(dx) > Math.abs(dy) * ALONG,
      onPanResponderTerminationRequest: () => false,
      onPanResponderGrant: () => setIsPulled(true),
      onPanResponderMove: (_, { dx }) => offset.setValue(pulled(dx) * direction),
      onPanResponderRelease(_, { dx }) {
        letGo();
        if (pulled(dx) >= REPLIES_AT) latest.current?.();
      },
      onPanResponderTerminate: letGo,
    });
  });
  return (
    <Animated.View {...responder.panHandlers} style={[style, styles.line, { transform: [{ translateX: offset }] }]}>
      {isPulled ? (
        <View style={styles.sign} aria-hidden testID="swipe-reply">
          <Icon name="corner-up-left" size={18} color="accent" />
        </View>
      ) : null}
      {children}
    </Animated.View>
  );
}

const useStyles = createStyles((colors) => ({
  // Web: up and down is the browser's to scroll, along the line is ours.
  line: { touchAction: 'pan-y pinch-zoom' as never },
  sign: { position: 'absolute', start: -44, top: 0, bottom: 0, width: 36, height: 36, marginVertical: 'auto', borderRadius: 18, alignItems: 'center', justifyContent: 'center', backgroundColor: colors.accentSoft },
}));
