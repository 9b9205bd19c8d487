import AsyncStorage from '@react-native-async-storage/async-storage';
import { combineReducers, configureStore } from '@reduxjs/toolkit';
import { useDispatch, useSelector } from 'react-redux';
import { REMEMBER_REHYDRATED, rememberEnhancer, rememberReducer } from 'redux-remember';
import { authSlice, initialAuthState } from './auth-slice.ts';
import { notificationsSlice } from './notifications-slice.ts';
import { outboxSlice } from './outbox-slice.ts';
import { presenceSlice } from './presence-slice.ts';
import { initialUiState, uiSlice } from './ui-slice.ts';
import { openedMediaSlice } from './opened-media-slice.ts';

const PERSISTED = ['auth', 'ui'];
/** The web page reads `@@couplet/ui` before the first paint: see public/index.html. */
const PREFIX = '@@couplet/';

function createReducer(onRehydrated: () => void) {
  const slices = combineReducers({
    auth: authSlice.reducer,
    ui: uiSlice.reducer,
    outbox: outboxSlice.reducer,
    notifications: notificationsSlice.reducer,
    presence: presenceSlice.reducer,
    openedMedia: openedMediaSlice.reducer,
  });
  const remembered = rememberReducer(slices);
  const reducer: typeof slices = (state, action) => {
    // After the turn in which the stored state lands, never inside a reducer's run.
    if (action.type === REMEMBER_REHYDRATED) queueMicrotask(onRehydrated);
    return remembered(state, action);
  };
  return reducer;
}

/** The store, and a promise that resolves once what the last run kept is in it. */
export function createStore() {
  let announce = () => {};
  const rehydrated = new Promise<void>((resolve) => {
    announce = resolve;
  });
  const store = configureStore({
    reducer: createReducer(() => announce()),
    enhancers: (defaults) =>
      defaults().concat(
        rememberEnhancer(AsyncStorage, PERSISTED, {
          prefix: PREFIX,
          // In the turn of the change: who chooses something and leaves at once has chosen it.
          persistThrottle: 0,
          serialize: (value: unknown) => JSON.stringify(value),
          unserialize: readSlice,
          // What cannot be read or written is forgotten: all of it can be chosen again.
          errorHandler: () => undefined,
        }),
      ),
  });
  return { store, rehydrated };
}

/** A session is always restored by the messenger; only the face of the last viewer is taken over. */
function readSlice(text: string, key: string): unknown {
  const value = JSON.parse(text) as object;
  switch (key) {
    case 'auth':
      return { ...initialAuthState, ...value, status: 'restoring' };
    case 'ui':
      return { ...initialUiState, ...value };
    default:
      return value;
  }
}

export type AppStore = ReturnType<typeof createStore>['store'];
export type AppState = ReturnType<AppStore['getState']>;
export type AppDispatch = AppStore['dispatch'];

export const useAppDispatch = useDispatch.withTypes<AppDispatch>();
export const useAppSelector = useSelector.withTypes<AppState>();
