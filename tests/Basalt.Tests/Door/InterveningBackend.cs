using System.Reflection;
using Basalt.Backends;

namespace Basalt.Tests.Door;

/// <summary>Lets somebody else act just before a call reaches the backend.</summary>
public class InterveningBackend : DispatchProxy
{
    private IBackend? _inner;
    private Action<string>? _before;

    public static IBackend Over(IBackend inner, Action<string> before)
    {
        var backend = Create<IBackend, InterveningBackend>();
        var proxy = (InterveningBackend)(object)backend;
        (proxy._inner, proxy._before) = (inner, before);
        return backend;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        _before!(targetMethod!.Name);
        return targetMethod.Invoke(_inner, BindingFlags.DoNotWrapExceptions, null, args, null);
    }
}
