// Preloaded into the program: says on stderr, at its end, of which files V8 took the compiled code, and of which not.
const { basename } = require('node:path');
const vm = require('node:vm');

const told = [];

vm.Script = class extends vm.Script {
  constructor(source, options) {
    super(source, options);
    const taken = { undefined: 'none', false: 'taken', true: 'refused' }[this.cachedDataRejected];
    told.push(`${basename(options.filename)}: ${taken}\n`);
  }
};

process.on('exit', () => process.stderr.write(told.join('')));
