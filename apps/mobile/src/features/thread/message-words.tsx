import { useMemo } from 'react';
import { Linking, Platform, Text } from 'react-native';
import { segmentsOf } from './message-text.ts';

/** The text of a message, its web addresses tappable; inside a text that gives size and colour. */
export function MessageWords({ text }: { text: string }) {
  const segments = useMemo(() => segmentsOf(text), [text]);
  return segments.map((segment, index) =>
    segment.type === 'words' ? (
      segment.text
    ) : (
      <Text key={index} role="link" {...linkProps(segment.href)} style={UNDERLINED}>
        {segment.text}
      </Text>
    ),
  );
}

/** On the web a real link: middle click, copy address, status line. The opened page learns nothing of where it was opened from. */
function linkProps(href: string): object {
  if (Platform.OS !== 'web') return { onPress: () => void Linking.openURL(href).catch(() => undefined) };
  return { href, hrefAttrs: { target: '_blank', rel: 'noopener noreferrer' } };
}

const UNDERLINED = { textDecorationLine: 'underline' } as const;
