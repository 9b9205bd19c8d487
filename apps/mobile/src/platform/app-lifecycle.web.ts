/** Tells when the page comes to the foreground (`true`) and leaves it. */
export function subscribeToForeground(listener: (isActive: boolean) => void): () => void {
  const onChange = () => listener(document.visibilityState === 'visible');
  const onHide = () => listener(false);
  document.addEventListener('visibilitychange', onChange);
  // A tab that is closed or navigated away may never see `visibilitychange`.
  window.addEventListener('pagehide', onHide);
  return () => {
    document.removeEventListener('visibilitychange', onChange);
    window.removeEventListener('pagehide', onHide);
  };
}

/** Whether the person can be looking at the page now: a visible window behind another one does not count. */
export function isBeingWatched(): boolean {
  return document.visibilityState === 'visible' && document.hasFocus();
}

export function subscribeToWatching(listener: () => void): () => void {
  document.addEventListener('visibilitychange', listener);
  window.addEventListener('focus', listener);
  window.addEventListener('blur', listener);
  return () => {
    document.removeEventListener('visibilitychange', listener);
    window.removeEventListener('focus', listener);
    window.removeEventListener('blur', listener);
  };
}
