// Loaded before a program of ours: when the command that started it is gone, even
// by a signal nobody can pass on, the program stops as if it had been asked to.
if (process.channel) {
  process.channel.unref();
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
}
