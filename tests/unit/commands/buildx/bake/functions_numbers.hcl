target "default" {
  args = {
    ADD = add(1, 2)
    SUB = subtract(5, 7)
    MUL = multiply(3, 1.5)
    DIV = divide(1, 4)
    MOD = modulo(7, 3)
    REM = 7 % 3
    NEG = -(3)
    NEGATE = negate(4)
    ABS = absolute(-2)
    CEIL = ceil(1.2)
    FLOOR = floor(1.8)
    INT = int(1.9)
    POW = pow(2, 10)
    PARSE = parseint("ff", 16)
    SIGN = signum(-9)
    GT = greaterthan(2, 1)
    GE = 2 >= 2
    LT = lessthan(2, 1)
    LE = lessthanorequalto(2, 1)
    BIG = 1000000 * 1000000
    SMALL = 1.50
    EXP = 1e3
    PREC = 2 + 3 * 4 - 10 / 5
    TEXT = "4" + 1
  }
}
