import { createSlice, type PayloadAction } from '@reduxjs/toolkit';
import type { PushPermission } from '../platform/notifications-port.ts';

export interface NotificationsState {
  permission: PushPermission;
  /** The server knows where to wake this device. */
  isRegistered: boolean;
  /** The person has written something: now they know what a notification would be for. */
  isOfferDue: boolean;
}

const initialState: NotificationsState = { permission: 'unsupported', isRegistered: false, isOfferDue: false };

export const notificationsSlice = createSlice({
  name: 'notifications',
  initialState,
  reducers: {
    permissionLearnt(state, action: PayloadAction<PushPermission>) {
      state.permission = action.payload;
    },
    registrationChanged(state, action: PayloadAction<boolean>) {
      state.isRegistered = action.payload;
    },
    offerBecameDue(state) {
      state.isOfferDue = true;
    },
  },
});

export const { permissionLearnt, registrationChanged, offerBecameDue } = notificationsSlice.actions;
