import { useMemo } from 'react';
import { Linking, Platform } from 'react-native';
import { Text } from '../../ui/text.tsx';
import type { Palette } from '../../ui/tokens.ts';
import { segmentsOf } from './message-text.ts';

/** The text of a message, its web addresses tappable. */
export function MessageWords({ text, color }: { text: string; color: keyof Palette }) {
  const segments = useMemo(() => segmentsOf(text), [text]);
  return segments.map((segment, index) =>
    segment.type === 'words' ? (
      segment.text
    ) : (
      <Text
        key={index}
        size="large"
        color={color}
        role="link"
        // On the web this makes a real link: middle click, copy address, status line.
        {...{ href: segment.href, hrefAttrs: LINK_TARGET }}
        onPress={IS_WEB ? undefined : () => void Linking.openURL(segment.href)}
        style={{ textDecorationLine: 'underline', fontSize: undefined, lineHeight: undefined }}
      >
        {segment.text}
      </Text>
    ),
  );
}

const IS_WEB = Platform.OS === 'web';
/** The opened page learns nothing of where it was opened from. */
const LINK_TARGET = { target: '_blank', rel: 'noopener noreferrer' };
