import { Redirect, useLocalSearchParams } from 'expo-router';
import { SignInScreen } from '../features/sign-in/sign-in-screen.tsx';
import { useAppSelector } from '../state/store.ts';

export default function SignInRoute() {
  const { next } = useLocalSearchParams<{ next?: string }>();
  const status = useAppSelector((state) => state.auth.status);
  // Only a path of our own: never an address that somebody put into a link.
  if (status === 'signed-in') return <Redirect href={next && /^\/(?![/\\])/.test(next) ? next : '/'} />;
  return <SignInScreen />;
}
