/** What stands for a secret: always the same, so that not even its length shows. */
export const MASK = '****';

const SECRET_NAME = /TOKEN|SECRET|PASS|PWD|KEY|CREDENTIAL|AUTH|COOKIE|DSN/i;
/** The shell's working folders. */
const NO_SECRET = /^(?:OLD)?PWD$/;

// A password that was not percent-encoded may hold `@` and `/`, so it ends at the last `@` of its word, or
// before the next URL; `host:8080/…@` is a port. The match begins at `://` to stay linear in a long value.
const PASSWORD_IN_URL = /(?<=[a-z\d+.-])(:\/\/(?!\[)[^\s/?#:]*:)(?!\d*(?:[/?#\s]|$))(?:(?!:\/\/)\S)*@/gi;

/** Whether a variable's name says that its value is a secret. */
export function isSecret(name: string): boolean {
  return SECRET_NAME.test(name) && !NO_SECRET.test(name);
}

/** A variable's value with nothing secret in it: masked whole by its name, else the passwords of its URLs. */
export function masked(name: string, value: string): string {
  return isSecret(name) ? MASK : withoutPasswords(value);
}

/** The text with the password of each `scheme://user:password@` masked. */
export function withoutPasswords(text: string): string {
  return text.replace(PASSWORD_IN_URL, `$1${MASK}@`);
}
