variable "BASE" { default = "alpine" }
target "default" {
  dockerfile-inline = <<EOT
FROM ${BASE}
RUN echo "\t$${x}" && \
    true
EOT
}
target "indented" {
  dockerfile-inline = <<-EOF
    FROM busybox
      RUN true

    CMD ["sh"]
  EOF
  description = "two"
}
group "default" { targets = ["default", "indented"] }
