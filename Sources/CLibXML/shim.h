#pragma once
#include <libxml/xmlversion.h>
/* encoding.h would include ICU's headers, whose types clash with those of Foundation's own ICU. Nothing here uses them. */
#undef LIBXML_ICU_ENABLED
#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <libxml/xmlerror.h>
