target "default" {
  contexts = { src = BAKE_CMD_CONTEXT }
  args = { P = strlen(BAKE_LOCAL_PLATFORM) > 3 }
}
