import type { ConnectionState, Messenger } from '@couplet/client';
import { useQueryClient } from '@tanstack/react-query';
import { createContext, type ReactNode, useContext, useEffect, useState, useSyncExternalStore } from 'react';
import { useStore } from 'react-redux';
import { subscribeToForeground } from '../platform/app-lifecycle.ts';
import { notifications as platformNotifications } from '../platform/notifications.ts';
import { deviceMedia } from '../platform/media-cache/device-media.ts';
import { defaultServerUrl } from '../platform/server-url.ts';
import { sessionChanged } from '../state/auth-slice.ts';
import { type AppState, type AppStore, useAppSelector } from '../state/store.ts';
import { AppNotifications } from './app-notifications.ts';
import { ChatCoordinator } from './chat-coordinator.ts';
import { createAppMessenger } from './create-app-messenger.ts';
import { clock } from './ports.ts';

interface Running {
  serverUrl: string;
  messenger: Messenger;
  coordinator: ChatCoordinator;
  notifications: AppNotifications;
}

const MessengerContext = createContext<Running | null>(null);

/**
 * Runs one messenger per server address, and shows its children once there is
 * one. While the address changes (sign-in on phones) the former stays in place,
 * so that the form keeps what was typed.
 */
export function MessengerProvider({ fallback, children }: { fallback: ReactNode; children: ReactNode }) {
  const serverUrl = useAppSelector((state) => state.ui.serverUrl) ?? defaultServerUrl();
  const queryClient = useQueryClient();
  const store = useStore<AppState>() as AppStore;
  const [running, setRunning] = useState<Running | null>(null);

  useEffect(() => {
    const opened = createAppMessenger(serverUrl);
    let coordinator: ChatCoordinator | null = null;
    let notifications: AppNotifications | null = null;
    let isCurrent = true;
    async function start() {
      const messenger = await opened;
      if (!isCurrent) return;
      coordinator = new ChatCoordinator({ messenger, queryClient, store, clock, subscribeToForeground });
      notifications = new AppNotifications({ messenger, store, notifications: platformNotifications });
      const { waitsWhileMetered, mediaBoundBytes } = store.getState().ui;
      deviceMedia.setBound(mediaBoundBytes);
      messenger.uploads.waitWhileMetered(waitsWhileMetered);
      // What was stored cannot be used: signed out is the state from which everything works.
      await messenger.start().catch(() => store.dispatch(sessionChanged({ status: 'signed-out', reason: 'none' })));
      if (!isCurrent) return;
      store.dispatch(sessionChanged(messenger.session.state()));
      notifications.start();
      setRunning({ serverUrl, messenger, coordinator, notifications });
    }
    void start();
    return () => {
      isCurrent = false;
      coordinator?.close();
      notifications?.close();
      void opened.then((messenger) => messenger.close());
    };
  }, [serverUrl, queryClient, store]);

  if (!running) return fallback;
  return <MessengerContext value={running}>{children}</MessengerContext>;
}

function useRunning(): Running {
  const running = useContext(MessengerContext);
  if (!running) throw new Error('Used outside of MessengerProvider');
  return running;
}

export function useMessenger(): Messenger {
  return useRunning().messenger;
}

export function useCoordinator(): ChatCoordinator {
  return useRunning().coordinator;
}

export function useAppNotifications(): AppNotifications {
  return useRunning().notifications;
}

export function useServerUrl(): string {
  return useRunning().serverUrl;
}

export function useConnection(): ConnectionState {
  const messenger = useMessenger();
  return useSyncExternalStore(
    (onChange) =>
      messenger.subscribe((event) => {
        if (event.type === 'connection-changed') onChange();
      }),
    () => messenger.connection.state(),
    () => messenger.connection.state(),
  );
}
