import { QueryClientProvider } from '@tanstack/react-query';
import { Slot } from 'expo-router';
import { StatusBar } from 'expo-status-bar';
import { type ReactNode, useEffect, useState } from 'react';
import { Provider } from 'react-redux';
import { SafeAreaProvider } from 'react-native-safe-area-context';
import { createQueryClient } from '../data/query-client.ts';
import { MessengerProvider } from '../messenger/messenger-provider.tsx';
import { startAppUpdates } from '../platform/app-update.ts';
import { KeyboardRoot } from '../platform/keyboard.tsx';
import { paintPage } from '../platform/page-appearance.ts';
import { createStore, useAppSelector } from '../state/store.ts';
import { loadIcons } from '../ui/icon.tsx';
import { Splash } from '../ui/splash.tsx';
import { ThemeProvider, useTheme } from '../ui/theme.tsx';

export default function RootLayout() {
  const [{ store, rehydrated }] = useState(createStore);
  const [queryClient] = useState(createQueryClient);
  const [isReady, setIsReady] = useState(false);

  useEffect(() => startAppUpdates(), []);
  useEffect(() => {
    // Without its icons the app still works, and labels tell what each control is.
    void Promise.all([rehydrated, loadIcons().catch(() => undefined)]).then(() => setIsReady(true));
  }, [rehydrated]);

  return (
    <Provider store={store}>
      <QueryClientProvider client={queryClient}>
        <SafeAreaProvider>
          <KeyboardRoot>
            <Appearance>
              {isReady ? (
                <MessengerProvider fallback={<Splash />}>
                  <Slot />
                </MessengerProvider>
              ) : (
                <Splash />
              )}
            </Appearance>
          </KeyboardRoot>
        </SafeAreaProvider>
      </QueryClientProvider>
    </Provider>
  );
}

function Appearance({ children }: { children: ReactNode }) {
  const appearance = useAppSelector((state) => state.ui.appearance);
  return (
    <ThemeProvider appearance={appearance}>
      <PageColors />
      {children}
    </ThemeProvider>
  );
}

function PageColors() {
  const { scheme } = useTheme();
  useEffect(() => paintPage(scheme), [scheme]);
  return <StatusBar style={scheme === 'dark' ? 'light' : 'dark'} />;
}
