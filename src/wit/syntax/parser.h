#pragma once

// Text to File: the grammar of WIT, by recursive descent, with its nesting limited. Names are not
// looked up. https://github.com/WebAssembly/component-model/blob/main/design/mvp/WIT.md

#include "wit/syntax/ast.h"

namespace spindle::wit {

Result<ast::File> parse_file(const SourceMap& sources, uint32_t file);

}  // namespace spindle::wit
