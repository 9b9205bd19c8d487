import type { UserId } from '@couplet/protocol';
import { useLocalSearchParams } from 'expo-router';
import { ProfileScreen } from '../../../features/profile/profile-screen.tsx';

export default function ProfileRoute() {
  const { id } = useLocalSearchParams<{ id: string }>();
  return <ProfileScreen key={id} userId={id as UserId} />;
}
