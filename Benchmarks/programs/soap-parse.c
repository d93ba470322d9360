// What the translation of a SOAP reply cannot do without, and nothing else: iconv from GBK to UTF-8, libxml2 over the envelope, the text
// of its <return>, libxml2 over the document in it. Prints CPU microseconds per reply.
// usage: soap-parse FILE SECONDS
#include <iconv.h>
#include <libxml/parser.h>
#include <libxml/tree.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const int options = XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_HUGE;

static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return now.tv_sec + now.tv_nsec / 1e9;
}

static xmlNode *named(xmlNode *node, const char *name) {
    for (; node; node = node->next) {
        if (node->type != XML_ELEMENT_NODE) continue;
        if (!strcmp((const char *)node->name, name)) return node;
        xmlNode *below = named(node->children, name);
        if (below) return below;
    }
    return NULL;
}

// One reply; true when the inner document has its STATUS.
static int reply(iconv_t charset, char *bytes, size_t length, char *text, size_t room) {
    char *in = bytes, *out = text;
    size_t left = length, free = room;
    iconv(charset, NULL, NULL, NULL, NULL);
    if (iconv(charset, &in, &left, &out, &free) == (size_t)-1) return 0;
    xmlDoc *envelope = xmlReadMemory(text, out - text, NULL, "UTF-8", options);
    if (!envelope) return 0;
    xmlNode *holder = named(xmlDocGetRootElement(envelope), "return");
    xmlChar *content = holder ? xmlNodeGetContent(holder) : NULL;
    xmlDoc *inner = content ? xmlReadMemory((char *)content, strlen((char *)content), NULL, "UTF-8", options) : NULL;
    int found = inner && named(xmlDocGetRootElement(inner), "STATUS") != NULL;
    xmlFreeDoc(inner);
    xmlFree(content);
    xmlFreeDoc(envelope);
    return found;
}

int main(int count, char **words) {
    FILE *file = count == 3 ? fopen(words[1], "rb") : NULL;
    if (!file) return fprintf(stderr, "usage: soap-parse FILE SECONDS\n"), 64;
    static char bytes[1 << 20], text[3 << 20];
    size_t length = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    iconv_t charset = iconv_open("UTF-8", "GBK");
    if (charset == (iconv_t)-1) return fprintf(stderr, "iconv knows no GBK\n"), 1;
    for (int i = 0; i < 100; i++)
        if (!reply(charset, bytes, length, text, sizeof text)) return fprintf(stderr, "the reply cannot be read\n"), 1;
    double begin = seconds(), limit = atof(words[2]);
    long replies = 0;
    do {
        for (int i = 0; i < 10; i++) reply(charset, bytes, length, text, sizeof text);
        replies += 10;
    } while (seconds() - begin < limit);
    printf("{\"us\": %.3f, \"replies\": %ld}\n", (seconds() - begin) * 1e6 / replies, replies);
    iconv_close(charset);
    return 0;
}
