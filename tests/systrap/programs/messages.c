/* Sends two datagrams to a port of the loopback at once, and answers them at once: sendmmsg(2),
   recvmmsg(2). Prints from where the answers come. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <stdio.h>
#include <sys/socket.h>

enum { COUNT = 2 };
static struct sockaddr_in names[COUNT];
static struct iovec parts[COUNT];
static struct mmsghdr messages[COUNT];
static char data[COUNT];

static void prepare(void) {
    for (int at = 0; at < COUNT; at++) {
        parts[at] = (struct iovec){&data[at], 1};
        messages[at].msg_hdr = (struct msghdr){
            .msg_name = &names[at],
            .msg_namelen = sizeof names[at],
            .msg_iov = &parts[at],
            .msg_iovlen = 1,
        };
    }
}

int main(void) {
    struct sockaddr_in any = {.sin_family = AF_INET, .sin_port = htons(53)};
    int server = socket(AF_INET, SOCK_DGRAM, 0), client = socket(AF_INET, SOCK_DGRAM, 0);
    if (bind(server, (struct sockaddr *)&any, sizeof any))
        return 1;
    if (sendmmsg(client, NULL, 0, 0) || recvmmsg(client, NULL, 0, MSG_DONTWAIT, NULL) ||
        sendmmsg(-1, NULL, 0, 0) != -1 || sendmmsg(client, NULL, 1, 0) != -1)
        return 4;
    for (int at = 0; at < COUNT; at++) {
        names[at] = any;
        names[at].sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    }
    prepare();
    for (int turn = 0; turn < 2; turn++) {
        int from = turn ? server : client, to = turn ? client : server;
        if (sendmmsg(from, messages, COUNT, 0) != COUNT || messages[1].msg_len != 1)
            return 2;
        prepare();
        if (recvmmsg(to, messages, COUNT, 0, NULL) != COUNT)
            return 3;
    }
    for (int at = 0; at < COUNT; at++)
        printf("%s %d\n", inet_ntoa(names[at].sin_addr), ntohs(names[at].sin_port));
}
