#pragma once
#include <libxml/xmlversion.h>
/* encoding.h would include ICU's headers, whose types clash with those of Foundation's own ICU. Nothing here uses them. */
#undef LIBXML_ICU_ENABLED
#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <libxml/HTMLparser.h>
#include <libxml/xmlerror.h>

// The character that an entity of HTML 4 names; 0 when there is none of that name.
static inline unsigned int clibxml_html_entity(const char *name)
{
    const htmlEntityDesc *entity = htmlEntityLookup((const xmlChar *)name);
    return entity == NULL ? 0 : entity->value;
}
