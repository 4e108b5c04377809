import type { Reporter, TestModule } from 'vitest/node';

/** The tests that compare with other tools. */
const COMPARING = '/test/differential/';

/**
 * Fails a run in which a test that compares with other tools was skipped, where PORTTOP_TEST_TOOLS=required says
 * that all of them are there.
 */
export class ToolsRequired implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    if (process.env.PORTTOP_TEST_TOOLS !== 'required') return;
    for (const module of modules) {
      if (!module.moduleId.includes(COMPARING)) continue;
      for (const test of module.children.allTests('skipped')) {
        console.error(`skipped, but PORTTOP_TEST_TOOLS=required: ${test.fullName}`);
        process.exitCode = 1;
      }
    }
  }
}

/**
 * Tells of each test that passed only when it was tried again: with `--retry`, for where other programs run on the
 * same machine at the same moment, it is no reason to fail, and one to look at.
 */
export class SecondTries implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    for (const module of modules) {
      for (const test of module.children.allTests('passed')) {
        if (test.diagnostic()?.flaky)
          console.error(`passed at a second try: ${test.fullName} (${module.relativeModuleId})`);
      }
    }
  }
}

/** Ends a run with `12 passed, 0 failed, 1 skipped`, alone on a line, for whoever reads it by machine. */
export class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const counts = { passed: 0, failed: 0, skipped: 0, pending: 0 };
    for (const module of modules) {
      if (module.state() === 'failed' && module.children.size === 0) counts.failed++;
      for (const test of module.children.allTests()) counts[test.result().state]++;
    }
    console.log(
      `${counts.passed} passed, ${counts.failed} failed, ${counts.skipped + counts.pending} skipped`,
    );
  }
}
