# Runs PROGRAM in the directory DIR, emptied first, and fails unless it exits with 0 and prints what
# is in the file EXPECTED.
file(REMOVE_RECURSE ${DIR})
file(MAKE_DIRECTORY ${DIR})
execute_process(COMMAND ${PROGRAM}
  WORKING_DIRECTORY ${DIR}
  OUTPUT_VARIABLE printed
  RESULT_VARIABLE exit_code)
file(READ ${EXPECTED} expected)
if(NOT exit_code EQUAL 0 OR NOT printed STREQUAL expected)
  message(FATAL_ERROR
          "${PROGRAM} ended with ${exit_code} and printed:\n${printed}\nexpected:\n${expected}")
endif()
