import { usePathname } from 'expo-router';
import { useEffect, useRef, useState } from 'react';
import { AccessibilityInfo, Animated, PanResponder, Platform, Pressable, View } from 'react-native';
import { useSafeAreaInsets } from 'react-native-safe-area-context';
import { messageExcerpt } from '../../data/message-excerpt.ts';
import { useOpenConversation } from '../../data/use-open-conversation.ts';
import { Avatar } from '../../ui/avatar.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { Text } from '../../ui/text.tsx';
import { createStyles } from '../../ui/theme.tsx';
import { MOTION, RADIUS, SPACE } from '../../ui/tokens.ts';
import { useIsTwoPane } from '../../ui/two-pane.tsx';
import { useReducedMotion } from '../../ui/use-reduced-motion.ts';
import { type Arrival, useArrival } from './use-arrival.ts';

/** Long enough to read a name and two lines, and to reach for it. */
const SHOWN_MS = 5_000;
/** Points after which a swipe was meant. */
const SWIPED = 24;

/**
 * Tells of a message while the person is elsewhere in the app: over the screen,
 * so that nothing in it moves. Where the list of chats shows, it tells already.
 */
export function MessageBanner() {
  const styles = useStyles();
  const isTwoPane = useIsTwoPane();
  const pathname = usePathname();
  const { arrival, putAway } = useArrival(!isTwoPane && pathname !== '/');
  const words = arrival && `${arrival.conversation.peer.name}: ${messageExcerpt(arrival.message)}`;
  useEffect(() => {
    // The others follow the live region.
    if (words !== null && Platform.OS === 'ios') AccessibilityInfo.announceForAccessibility(words);
  }, [words]);
  return (
    <View style={styles.place} pointerEvents="box-none" role="status" aria-live="polite" testID="message-banners">
      {arrival ? <BannerCard key={arrival.conversation.id} arrival={arrival} onOver={putAway} /> : null}
    </View>
  );
}

function BannerCard({ arrival, onOver }: { arrival: Arrival; onOver: () => void }) {
  const styles = useStyles();
  const insets = useSafeAreaInsets();
  const open = useOpenConversation();
  const [isHeld, setIsHeld] = useState(false);
  const { panHandlers, transform, opacity } = useSwipeAway(onOver, setIsHeld);
  const { message, conversation } = arrival;
  const { id, peer } = conversation;
  useEffect(() => {
    if (isHeld) return;
    const timer = setTimeout(onOver, SHOWN_MS);
    return () => clearTimeout(timer);
  }, [message, isHeld, onOver]);
  return (
    <Animated.View {...panHandlers} style={[styles.card, { marginTop: insets.top + SPACE.s, opacity, transform }]} testID="message-banner">
      <Pressable
        role="link"
        aria-label={`Message from ${peer.name}: ${messageExcerpt(message)}. Open the conversation`}
        onPress={() => {
          onOver();
          open(id);
        }}
        onHoverIn={() => setIsHeld(true)}
        onHoverOut={() => setIsHeld(false)}
        onFocus={() => setIsHeld(true)}
        onBlur={() => setIsHeld(false)}
        style={styles.words}
        testID="message-banner-open"
      >
        <Avatar userId={peer.id} name={peer.name} imageUrl={peer.avatarUrl} size={40} />
        <View style={styles.lines}>
          <Text weight="600" numberOfLines={1}>
            {peer.name}
          </Text>
          <Text color="textSecondary" numberOfLines={2}>
            {messageExcerpt(message)}
          </Text>
        </View>
      </Pressable>
      <IconButton icon="x" label="Dismiss" color="textSecondary" onPress={onOver} testID="message-banner-dismiss" />
    </Animated.View>
  );
}

/** It comes from above, follows the finger up and sideways, and goes where it was thrown. */
function useSwipeAway(onOver: () => void, onHold: (isHeld: boolean) => void) {
  const isStill = useReducedMotion();
  const [offset] = useState(() => new Animated.ValueXY({ x: 0, y: 0 }));
  const [shown] = useState(() => new Animated.Value(0));
  const latest = useRef({ onOver, onHold });
  useEffect(() => {
    latest.current = { onOver, onHold };
  });
  useEffect(() => {
    Animated.timing(shown, { toValue: 1, duration: isStill ? 0 : MOTION.slow, useNativeDriver: Platform.OS !== 'web' }).start();
  }, [shown, isStill]);
  const [responder] = useState(() =>
    PanResponder.create({
      // A press that does not move is for what lies on it.
      onMoveShouldSetPanResponder: (_, { dx, dy }) => Math.abs(dx) > SLOP || dy < -SLOP,
      onPanResponderGrant: () => latest.current.onHold(true),
      onPanResponderMove: (_, { dx, dy }) => offset.setValue({ x: dx, y: Math.min(0, dy) }),
      onPanResponderRelease(_, { dx, dy }) {
        latest.current.onHold(false);
        if (Math.abs(dx) > SWIPED || dy < -SWIPED) latest.current.onOver();
        else offset.setValue({ x: 0, y: 0 });
      },
      onPanResponderTerminate() {
        latest.current.onHold(false);
        offset.setValue({ x: 0, y: 0 });
      },
    }),
  );
  const slide = shown.interpolate({ inputRange: [0, 1], outputRange: [isStill ? 0 : -SLIDE, 0] });
  return { panHandlers: responder.panHandlers, opacity: shown, transform: [{ translateX: offset.x }, { translateY: Animated.add(offset.y, slide) }] };
}

/** Fingers tremble. */
const SLOP = 6;
/** How far above its place it begins, in points. */
const SLIDE = 24;

const useStyles = createStyles((colors) => ({
  place: { position: 'absolute', top: 0, left: 0, right: 0, alignItems: 'center', paddingHorizontal: SPACE.s },
  card: {
    width: '100%',
    maxWidth: 480,
    flexDirection: 'row',
    alignItems: 'center',
    paddingEnd: SPACE.xs,
    borderRadius: RADIUS.l,
    borderWidth: 1,
    borderColor: colors.line,
    backgroundColor: colors.surface,
    boxShadow: `0 8px 28px ${colors.shadow}`,
  },
  words: { flex: 1, minWidth: 0, flexDirection: 'row', alignItems: 'center', gap: SPACE.m, padding: SPACE.m, borderRadius: RADIUS.l },
  lines: { flex: 1, minWidth: 0 },
}));
