// Before the first paint: the appearance the person chose on this device.
try {
  const ui = JSON.parse(localStorage.getItem('@@couplet/ui') || '{}');
  if (ui.appearance === 'light' || ui.appearance === 'dark') document.documentElement.dataset.appearance = ui.appearance;
} catch {
  // No stored appearance: the system's stands.
}
