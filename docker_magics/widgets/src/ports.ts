// URLs of published ports, as the browser reaches them.

export interface Route {
  host: string; // the engine's machine, "" for the Jupyter server's
  hasProxy: boolean; // whether the server has jupyter-server-proxy
}

// `pageConfig` is the JSON of Jupyter's page, `hostname` that of its address.
export function portUrl(
  port: number,
  { host, hasProxy }: Route,
  hostname: string,
  pageConfig: string,
): string {
  if (!hasProxy) return `http://${host || hostname}:${port}/`;
  const { baseUrl = "/" } = JSON.parse(pageConfig || "{}") as { baseUrl?: string };
  return `${baseUrl.replace(/\/?$/, "/")}proxy/${host && `${host}:`}${port}/`;
}
