variable "V" { default = "x" }
target "default" {
  colour = unknown()
  args = {
    IF = "%{ if V == "x" }yes%{ else }no%{ endif }"
    NONE = "a%{ if V == "y" }no%{ endif }"
    STRIP = "a ${~ V ~} b ${V ~} c"
    FOR = "%{ for x in ["p", "q"] ~} ${x},%{ endfor }"
    PAIRS = "%{ for k, v in {a = 1, b = 2} }${k}=%{ if v > 1 }many%{ else }${v}%{ endif };%{ endfor }"
    KEPT = "%%{ if } ${"~"} $${a}"
    LINES = <<EOT
%{ if V == "y" ~}
hidden
%{ else ~}
shown
%{ endif ~}
  %{~ for x in ["p", "q"] ~}
  ${x}

  %{~ endfor }
end
EOT
    DATE = formatdate("YYYY-MM-DD 'at' hh:mm 'o''clock'", "2020-01-02T03:04:05Z")
    LARGE = pow(2, 40)
    WIDE = format("%5d|%-3s|", 7, "a")
  }
}
