import { useRouter } from 'expo-router';
import { View } from 'react-native';
import { EmptyState } from '../ui/empty-state.tsx';
import { useTheme } from '../ui/theme.tsx';

export default function NotFoundRoute() {
  const router = useRouter();
  const { colors } = useTheme();
  return (
    <View style={{ flex: 1, backgroundColor: colors.background }}>
      <EmptyState icon="compass" title="There is nothing at this address" action={{ label: 'Go to your chats', onPress: () => router.replace('/') }} />
    </View>
  );
}
