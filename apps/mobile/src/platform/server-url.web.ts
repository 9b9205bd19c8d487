/** The page came from its server. */
export const CAN_CHOOSE_SERVER = false;

export function defaultServerUrl(): string {
  return window.location.origin;
}
