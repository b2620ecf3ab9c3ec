using System.Reflection;
using Basalt.Backends;

namespace Basalt.Tests.Door;

/// <summary>Lets somebody else act just before a call reaches the backend, or just before its answer is seen.</summary>
public class InterveningBackend : DispatchProxy
{
    private IBackend? _inner;
    private Action<string>? _before;
    private Action<string>? _after;

    public static IBackend Over(IBackend inner, Action<string> before, Action<string>? after = null)
    {
        var backend = Create<IBackend, InterveningBackend>();
        var proxy = (InterveningBackend)(object)backend;
        (proxy._inner, proxy._before, proxy._after) = (inner, before, after);
        return backend;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        _before!(targetMethod!.Name);
        var answer = targetMethod.Invoke(_inner, BindingFlags.DoNotWrapExceptions, null, args, null);
        _after?.Invoke(targetMethod.Name);
        return answer;
    }
}
