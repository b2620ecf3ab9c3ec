namespace Basalt.Vectors.Distances;

/// <summary>Code that wants to run with the kernel of a metric and element type which are known only now.</summary>
internal interface IDistanceUser<out TResult>
{
    TResult With<TDistance>() where TDistance : struct, IDistance;
}
