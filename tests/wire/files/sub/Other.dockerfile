FROM scratch
COPY vars.env /
