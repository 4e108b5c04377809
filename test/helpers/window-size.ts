// Ink asks what it draws on for its size. What ink-testing-library gives it has no rows; then it asks this, and
// where this does not know it either, it starts tput(1) twice for every frame. The size is the one of tput.
Object.assign(process.stdout, { columns: 80, rows: 24 });
