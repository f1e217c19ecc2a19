variable "REF" { default = "refs/heads/Feature/X_1" }
target "default" {
  tags = [
    "app:${lower(regex_replace(REF, "^refs/heads/", ""))}",
    "app:${replace(lower(REF), "/", "-")}",
    "app:${regex_replace("v1.2.3", "v([0-9]+)\\.(?P<minor>[0-9]+).*", "$1-$${minor}")}",
    format("app:%s-%d-%05.1f-%q-%v-%%", "a", 3, 2.25, "q", true),
    join("-", ["a", "b", 3]),
    "app:${trimprefix("v1.0", "v")}${trimsuffix("1-rc", "-rc")}${trimspace("  x ")}${trim("--y--", "-")}",
    "app:${substr("abcdef", 1, 3)}${upper("x")}${title("hello world")}${strlen("héé")}",
    "app:${element(split(".", "1.2.3"), 1)}",
    "app:${sanitize("a/b.c d_e")}",
    "app:${base64encode("hi")}${base64decode("aGk=")}${md5("a")}${sha256("a")}",
    "app:${reverse("abc")}${chomp("l\n")}${jsonencode({a = [1, true, null, "x"]})}",
    "app:${basename("/a/b.txt")}${dirname("/a/b.txt")}${urlencode("a b/c")}",
    "app:${indent(2, "a\nb")}",
    "app:${regex("[a-z]+", "12ab34")}${length(regexall("[0-9]", "12ab34"))}",
  ]
}
