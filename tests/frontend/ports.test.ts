import { expect, test } from "vitest";
import { portUrl } from "../../docker_magics/widgets/src/ports";

test.each([
  ["the server's machine", "", false, "", "http://hub.example:80/"],
  ["another machine", "10.0.0.7", false, "", "http://10.0.0.7:80/"],
  ["a proxy", "", true, '{"baseUrl": "/user/me/"}', "/user/me/proxy/80/"],
  ["a base without a slash", "", true, '{"baseUrl": "/user/me"}', "/user/me/proxy/80/"],
  ["a proxy to another machine", "10.0.0.7", true, "{}", "/proxy/10.0.0.7:80/"],
  ["a page without a config", "", true, "", "/proxy/80/"],
])("by %s", (_name, host, hasProxy, pageConfig, url) => {
  expect(portUrl(80, { host, hasProxy }, "hub.example", pageConfig)).toBe(url);
});
