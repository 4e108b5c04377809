/**
 * A master in the foreground and two workers, which it tells of on stderr; a request is answered with the pid of its
 * worker. All that they write is in the folder.
 */
export function nginxConfiguration(folder: string, port: number): string {
  return `
    # Of root alone, as a user namespace of an ordinary user has no other.
    user root; daemon off; worker_processes 2; pid ${folder}/nginx.pid; error_log stderr notice;
    events {}
    http {
      access_log off;
      client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy;
      fastcgi_temp_path ${folder}/fastcgi; uwsgi_temp_path ${folder}/uwsgi; scgi_temp_path ${folder}/scgi;
      server { listen 127.0.0.1:${port}; location / { return 200 '$pid\\n'; } }
    }`;
}
