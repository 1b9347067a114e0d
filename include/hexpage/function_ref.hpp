// A callable that is handed down and called before the call it was handed to returns. It only
// refers to that callable, so that making it and passing it on cost nothing; whoever wants to keep
// one takes a std::function.
#pragma once

#include <functional>
#include <memory>
#include <type_traits>
#include <utility>

namespace hexpage {

template <class Signature>
class FunctionRef;

template <class Result, class... Arguments>
class FunctionRef<Result(Arguments...)> {
 public:
  template <class Callable>
  requires(!std::is_same_v<std::remove_cvref_t<Callable>, FunctionRef> &&
           std::is_invocable_r_v<Result, Callable&, Arguments...>) FunctionRef(Callable&& callable)
  noexcept  // implicit: a lambda is an argument
      : callable_(addressOf(callable)), call_(&call<std::remove_reference_t<Callable>>) {}

  Result operator()(Arguments... arguments) const {
    return call_(callable_, std::forward<Arguments>(arguments)...);
  }

 private:
  template <class Callable>
  static void* addressOf(Callable& callable) noexcept {
    if constexpr (std::is_function_v<Callable>)
      return reinterpret_cast<void*>(&callable);
    else
      return const_cast<void*>(static_cast<const void*>(std::addressof(callable)));
  }

  template <class Callable>
  static Result call(void* callable, Arguments... arguments) {
    auto& known = *reinterpret_cast<Callable*>(callable);
    if constexpr (std::is_void_v<Result>)
      std::invoke(known, std::forward<Arguments>(arguments)...);
    else
      return std::invoke(known, std::forward<Arguments>(arguments)...);
  }

  void* callable_;
  Result (*call_)(void* callable, Arguments... arguments);
};

}  // namespace hexpage
