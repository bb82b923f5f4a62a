// Preloaded into server processes that a script starts: when the script dies, however it dies, its end of the IPC
// channel closes, and the process stops in order instead of living on as an orphan.

process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'));
process.channel?.unref();
